type Maybe<T> = T | undefined | null | false;

/**
 * Asks `probe` again and again until it gives something, and gives that.
 * @throws Error where `limitMs` pass before; `describe` adds what there is to see then
 */
export async function until<T>(
  what: string,
  probe: () => Maybe<T> | Promise<Maybe<T>>,
  { limitMs = 20_000, describe }: { limitMs?: number; describe?: () => string } = {},
): Promise<T> {
  const end = Date.now() + limitMs;
  for (;;) {
    const found = await probe();
    if (found !== undefined && found !== null && found !== false) return found;
    if (Date.now() > end) {
      throw new Error(
        `waited ${limitMs} ms for ${what} in vain${describe ? `\n${describe()}` : ""}`,
      );
    }
    await Bun.sleep(25);
  }
}
