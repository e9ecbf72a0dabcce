/** What stands at the end of a text in place of the `bytes` bytes that were cut off. */
export function cutNote(bytes: number): string {
  return `\n… [cut: ${bytes} bytes]`;
}

/** How many bytes were cut off a text, as its note says; 0 where it has none. */
export function cutBytes(text: string): number {
  const note = notePattern.exec(text.slice(-noteLengthMax));
  return note ? Number(note[1]) : 0;
}

const notePattern = /\n… \[cut: (\d{1,16}) bytes\]$/;
const noteLengthMax = 40;
