/** A request that is not answered as it wished, with the words that the page gets. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}

/** For the page of this origin alone: unlike the API, without the headers that let others read it. */
export const privateHeaders = {
  "Cache-Control": "no-store",
  "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
};

/** An answer in JSON. */
export function answerJson(body: unknown): Response {
  return respond(JSON.stringify(body), 200, {});
}

/** An error in JSON. What is no refusal comes from within, and is not for the outside. */
export function answerError(error: unknown): Response {
  if (error instanceof Refusal) {
    return respond(JSON.stringify({ error: error.message }), error.status, error.headers);
  }
  return respond(JSON.stringify({ error: "The server could not answer. Try again." }), 500, {});
}

/** @throws Refusal 403 when a page of another origin sent the request */
export function checkOrigin(request: Request): void {
  const origin = request.headers.get("origin");
  const site = request.headers.get("sec-fetch-site") ?? "same-origin";
  const isOwn = origin === null || origin === new URL(request.url).origin;
  if (isOwn && (site === "same-origin" || site === "none")) return;
  throw new Refusal(403, "Only the dashboard's own page may ask this.");
}

function respond(
  body: string,
  status: number,
  headers: Readonly<Record<string, string>>,
): Response {
  return new Response(body, {
    status,
    headers: { ...privateHeaders, "Content-Type": "application/json", ...headers },
  });
}
