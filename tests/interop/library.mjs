/** One of these libraries, for scripts elsewhere: a bare name is looked for from here. */
export const library = (name) => import(name)
