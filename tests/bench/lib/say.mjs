/** Progress, beside the report that standard output may be asked for. */
export const say = (line) => console.error(line);
