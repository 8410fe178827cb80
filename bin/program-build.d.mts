/**
 * The address of the module that has `main`, of the sources below `root` (this checkout's) as they are; undefined where
 * there is no room for a build. Throws what the bundler says of sources that cannot be read.
 */
export function programBuild(say: (line: string) => void, root?: string): Promise<string | undefined>
