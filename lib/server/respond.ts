/** Nothing that the server answers may be taken for a page or a script. */
const safeHeaders = { "X-Content-Type-Options": "nosniff" };
const jsonHeaders = {
  ...safeHeaders,
  "Content-Type": "application/json",
  "Access-Control-Allow-Origin": "*",
  "Access-Control-Allow-Methods": "GET, POST, DELETE, OPTIONS",
  "Access-Control-Allow-Headers": "Authorization, Content-Type",
};

/** An answer in JSON. */
export function json(body: unknown, status = 200): Response {
  return new Response(JSON.stringify(body), { status, headers: jsonHeaders });
}

/** An error as OpenSync gives it (contract, section 3). */
export function jsonError(error: string, status: number): Response {
  return json({ error }, status);
}

/** An answer in plain text, for what is no part of the API. */
export function plainText(text: string, status: number): Response {
  const headers = { ...safeHeaders, "Content-Type": "text/plain; charset=utf-8" };
  return new Response(text, { status, headers });
}

/** A file to be saved. */
export function attachment(content: string, contentType: string, fileName: string): Response {
  const headers = {
    ...safeHeaders,
    "Content-Type": contentType,
    "Content-Disposition": `attachment; filename="${fileName}"`,
  };
  return new Response(content, { headers });
}
