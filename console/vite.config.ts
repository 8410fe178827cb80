/** How the console is built: one page, its script and style, nothing from elsewhere. `npm run setup` calls it. */
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

export default defineConfig({
  plugins: [react()],
  base: './',
  build: { target: 'es2022', assetsInlineLimit: 0, reportCompressedSize: false },
  /** `npx vite console` beside a running node. */
  server: { proxy: { '/v1': 'http://127.0.0.1:4000', '/desk': 'http://127.0.0.1:4000' } },
})
