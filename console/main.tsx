/** The console: pages over a node's own doors. Begins here. */
import { createRoot } from 'react-dom/client'
import './console.css'
import { Shell } from './shell.tsx'

createRoot(document.getElementById('console')!).render(<Shell />)
