/** The port that `serve` takes if no other is asked for. */
export const defaultPort = 4747;
