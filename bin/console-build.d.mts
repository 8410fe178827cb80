/** Where the console lies, built from the sources as they are. */
export function buildConsole(say: (line: string) => void): string
