/** How the widget looks; a page restyles it by setting the `--parley-…` variables on `parley-chat`. */
export const style = `
:host {
  --accent: var(--parley-accent, #2457c5);
  --on-accent: var(--parley-on-accent, #fff);
  --background: var(--parley-background, #fff);
  --surface: var(--parley-surface, #f1f3f7);
  --text: var(--parley-text, #1b1f27);
  --muted: var(--parley-muted, #5b6472);
  --border: var(--parley-border, #d5dae2);
  --radius: var(--parley-radius, 14px);
  font: 15px/1.45 var(--parley-font, system-ui, sans-serif);
  color: var(--text);
  color-scheme: light;
  position: fixed; right: 20px; bottom: 20px; z-index: 2147483000;
}
:host([theme='dark']) { ${dark()} }
@media (prefers-color-scheme: dark) { :host(:not([theme='light'])) { ${dark()} } }
* { box-sizing: border-box; font: inherit; color: inherit; }
button { cursor: pointer; border: 0; background: none; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.launcher { width: 60px; height: 60px; border-radius: 50%; background: var(--accent); color: var(--on-accent); box-shadow: 0 6px 20px #0004; display: block; margin-left: auto; position: relative; }
.launcher svg { width: 28px; height: 28px; }
.badge { position: absolute; top: -4px; right: -4px; min-width: 22px; height: 22px; border-radius: 11px; background: #c6282f; color: #fff; font-size: 13px; line-height: 22px; }
.panel { width: min(380px, calc(100vw - 32px)); height: min(600px, calc(100vh - 120px)); margin-bottom: 12px; display: flex; flex-direction: column; background: var(--background); border: 1px solid var(--border); border-radius: var(--radius); box-shadow: 0 12px 40px #0003; overflow: hidden; }
[hidden] { display: none !important; }
header { display: flex; align-items: center; gap: 4px; padding: 12px 12px 12px 16px; background: var(--accent); color: var(--on-accent); }
header h2 { flex: 1; margin: 0; font-size: 17px; font-weight: 600; }
header button { padding: 6px 8px; border-radius: 8px; font-size: 13px; }
header :focus-visible { outline-color: var(--on-accent); }
.status { padding: 6px 16px; font-size: 13px; background: var(--surface); color: var(--muted); }
.log { flex: 1; overflow-y: auto; padding: 16px; display: flex; flex-direction: column; gap: 8px; overflow-wrap: anywhere; }
.line { max-width: 84%; padding: 8px 12px; border-radius: var(--radius); white-space: pre-wrap; background: var(--surface); align-self: flex-start; border-bottom-left-radius: 4px; }
.line.own { background: var(--accent); color: var(--on-accent); align-self: flex-end; border-radius: var(--radius); border-bottom-right-radius: 4px; }
.line.pending { opacity: .6; }
.line.failed { background: none; color: var(--text); border: 1px solid #c6282f; }
.note { align-self: center; color: var(--muted); font-size: 13px; text-align: center; }
.line form { display: grid; gap: 10px; margin-top: 8px; white-space: normal; }
.line label { display: grid; gap: 3px; font-size: 13px; color: var(--muted); }
input:not([type='file']), select, textarea { background: var(--background); color: var(--text); border: 1px solid var(--border); border-radius: 8px; padding: 8px 10px; width: 100%; }
.choices { display: flex; flex-wrap: wrap; gap: 8px; margin-top: 8px; }
.choices button, .primary { border: 1px solid var(--accent); color: var(--accent); border-radius: 18px; padding: 6px 14px; }
.primary { background: var(--accent); color: var(--on-accent); }
.again { margin: 10px; flex: none; }
button:disabled { opacity: .5; cursor: default; }
.write { display: flex; align-items: flex-end; gap: 4px; padding: 10px; border-top: 1px solid var(--border); }
.write textarea { resize: none; max-height: 120px; border-color: transparent; }
.write button { width: 40px; height: 40px; flex: none; border-radius: 10px; color: var(--accent); }
.write svg { width: 22px; height: 22px; vertical-align: middle; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media (max-width: 480px) {
  .panel { position: fixed; inset: 0; width: 100%; height: 100%; margin: 0; border-radius: 0; }
  .panel:not([hidden]) + .launcher { display: none; }
}
:host([inline]) { position: static; display: block; height: 100%; }
:host([inline]) .panel { position: static; width: 100%; height: 100%; margin: 0; box-shadow: none; border-radius: var(--radius); }
:host([inline]) :is(.launcher, .hide) { display: none; }
@media (prefers-reduced-motion: no-preference) { .line { animation: in .16s ease-out; } @keyframes in { from { transform: translateY(6px); opacity: 0; } } }
`

function dark() {
  return `
  --accent: var(--parley-accent, #7ba4ff);
  --on-accent: var(--parley-on-accent, #0d1320);
  --background: var(--parley-background, #161a22);
  --surface: var(--parley-surface, #232936);
  --text: var(--parley-text, #e8ebf1);
  --muted: var(--parley-muted, #a3adbd);
  --border: var(--parley-border, #343c4b);
  color-scheme: dark;`
}
