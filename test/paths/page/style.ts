/** How the page of paths looks: the statecharts bring their own colours; covered is green, missed is red, in light and dark. */
export const style = `
:root { color-scheme: light dark; --bg: #f6f7f9; --card: #fff; --ink: #1c2430; --soft: #5d6878; --line: #d9dee6; --yes: #18794e; --no: #c62a2f; --link: #1456b8; }
@media (prefers-color-scheme: dark) { :root { --bg: #0f141d; --card: #171e2a; --ink: #e6eaf1; --soft: #98a4b5; --line: #2b3546; --yes: #4cc38a; --no: #ff6369; --link: #8ab4ff; } }
* { box-sizing: border-box }
body { margin: 0; background: var(--bg); color: var(--ink); font: 15px/1.5 system-ui, sans-serif }
header { display: flex; flex-wrap: wrap; gap: 8px 24px; align-items: baseline; padding: 16px 24px; border-bottom: 1px solid var(--line) }
h1 { margin: 0; font-size: 20px } h2 { margin: 0 0 12px; font-size: 18px }
header p { margin: 0; color: var(--soft) } nav { display: flex; gap: 16px; flex-wrap: wrap } a { color: var(--link) }
main { padding: 16px 24px; display: grid; gap: 24px }
section { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 20px; min-width: 0 }
.figures { display: flex; flex-wrap: wrap; gap: 16px 40px; align-items: start; margin-bottom: 16px }
table { border-collapse: collapse } caption { text-align: left; font-weight: 600; padding-bottom: 4px }
.figures th, .figures td { text-align: left; font-weight: 400; padding: 1px 16px 1px 0 } .figures td { font-variant-numeric: tabular-nums }
.drawing, .matrix { overflow: auto; border: 1px solid var(--line); border-radius: 8px; max-height: 80vh } .drawing svg { display: block }
.hint { color: var(--soft); margin: 8px 0 } .paths:not(:empty) { border-left: 3px solid var(--link); padding-left: 16px; margin: 8px 0 }
text[data-transitions] { cursor: pointer } svg.chart text.covered { fill: var(--yes) } svg.chart text.missed { fill: var(--no); font-weight: 700 }
.matrix table { font-size: 12px } .matrix th { font-weight: 400; text-align: left; white-space: nowrap; padding: 0 8px; position: sticky; left: 0; background: var(--card) }
.matrix tr:first-child th { position: static; height: 190px; vertical-align: bottom; padding: 0 2px } .matrix th span { writing-mode: vertical-rl; transform: rotate(180deg) }
.matrix td { text-align: center; min-width: 16px; border: 1px solid var(--line) } td.yes { color: var(--yes); cursor: pointer } td.no { color: var(--no); font-weight: 700 }
details { margin-top: 12px } summary { cursor: pointer; font-weight: 600 } .broken > summary { color: var(--no) }
code, pre { font: 12px/1.5 ui-monospace, monospace; overflow-wrap: anywhere } pre { overflow: auto } ul, ol { padding-left: 24px } small { color: var(--soft) }
`
