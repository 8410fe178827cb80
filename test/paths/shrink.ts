/**
 * The shortest steps that still break an invariant: whatever can be left out is left out, the longest stretches first, until
 * no single step can be. Pure: the caller says what breaking is.
 */
/** `breaks` holds for `steps`, and for what comes back, but for nothing that lacks one step of it. */
export function shrunk<Step>(steps: Step[], breaks: (steps: Step[]) => boolean): Step[] {
  let left = steps
  for (let length = Math.ceil(left.length / 2); length >= 1; ) {
    const shorter = without(left, length, breaks)
    if (shorter) left = shorter
    else if (length === 1) break
    else length = Math.ceil(length / 2)
  }
  return left
}

function without<Step>(steps: Step[], length: number, breaks: (steps: Step[]) => boolean): Step[] | undefined {
  for (let end = steps.length; end > 0; end -= length) {
    const rest = [...steps.slice(0, Math.max(0, end - length)), ...steps.slice(end)]
    if (rest.length < steps.length && breaks(rest)) return rest
  }
  return undefined
}
