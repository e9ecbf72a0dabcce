/** What one commit, or all files together, may come to. Larger is neither written nor read. */
export const filesMax = 10_000;
/** Bytes of one file. */
export const fileBytesMax = 5 * 1024 * 1024;
/** Bytes of an entry of the log. */
export const entryBytesMax = 8 * 1024 * 1024;
/** Bytes of a snapshot as it is stored, and of the JSON text in it. */
export const snapshotBytesMax = 64 * 1024 * 1024;
export const snapshotTextBytesMax = 256 * 1024 * 1024;
/** Bytes of `profile.json` and `latest.json`. */
export const pointerBytesMax = 64 * 1024;
/** Objects that are read or removed at the same time. */
export const requestsAtOnce = 8;
