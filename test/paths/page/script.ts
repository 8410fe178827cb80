/** What the page of paths does: colours the charts by coverage, and shows the paths behind what is pressed. Runs in a browser. */
export const script = `
const newest_shown_max = 12
for (const section of document.querySelectorAll('section')) {
  const { transitions, byGoal, paths } = JSON.parse(section.querySelector('script[type="application/json"]').textContent)
  const list = section.querySelector('.paths')
  const show = (goals) => {
    const through = [...new Set(goals.flatMap((goal) => byGoal[goal] ?? []))]
    const title = document.createElement('p')
    title.textContent = goals.join(', ') + ': ' + through.length + ' paths'
    const shown = through.slice(0, newest_shown_max).map((index) => {
      const path = document.createElement('details')
      const summary = path.appendChild(document.createElement('summary'))
      summary.textContent = paths[index].id + ' (' + paths[index].steps.length + ' steps, policy ' + paths[index].policy + ')'
      const steps = path.appendChild(document.createElement('ol'))
      for (const step of paths[index].steps) steps.appendChild(document.createElement('li')).textContent = step
      return path
    })
    list.replaceChildren(title, ...shown)
    list.scrollIntoView({ block: 'nearest' })
  }
  for (const label of section.querySelectorAll('text[data-transitions]')) {
    const goals = label.dataset.transitions.split('\\n').map((id) => transitions[id])
    label.classList.add(goals.every((goal) => byGoal[goal]) ? 'covered' : 'missed')
    label.addEventListener('click', () => show(goals))
  }
  section.querySelector('.matrix')?.addEventListener('click', ({ target }) => target.dataset.goal && show([target.dataset.goal]))
}
`
