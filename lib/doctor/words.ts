/** A number with its noun: 1 session, 12,000 sessions. What ends in "them" has one form. */
export function count(number: number, noun: string): string {
  const plural = number === 1 || noun.endsWith("them") ? noun : `${noun}s`;
  return `${number.toLocaleString("en-US")} ${plural}`;
}

/** A time span as people say it: 5 min, 3 h, 12 days. */
export function describeSpan(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 120) return `${minutes} min`;
  return minutes < 48 * 60 ? `${Math.round(minutes / 60)} h` : `${Math.round(minutes / 1440)} days`;
}

/** An amount of storage: 640 kB, 12 MB, 3.4 GB. */
export function describeBytes(bytes: number): string {
  if (bytes < 1e6) return `${Math.ceil(bytes / 1000)} kB`;
  return bytes < 1e9 ? `${Math.round(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}
