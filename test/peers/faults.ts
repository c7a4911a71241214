/** What a peer can do wrong, by name. Each answers one request. */
import type { Responder } from "./peer.ts";

const HTML_PAGE =
  "<html><head><title>502 Bad Gateway</title><style>p{color:red}</style></head>" +
  "<body><h1>Bad Gateway</h1>\u0007<p>upstream &amp; proxy</p></body></html>";

function answer(status: number, body = "", headers: Record<string, string> = {}): Responder {
  return (_received, response) => void response.writeHead(status, headers).end(body);
}

export const FAULTS = {
  /** The request arrived and was kept; the connection breaks before any answer. */
  reset_after_storing: (_received, response) => void response.socket?.resetAndDestroy(),
  /** The status says 200; the connection breaks inside the body. */
  reset_after_headers: (_received, response, request) => {
    response.writeHead(200, { "content-length": "1000" });
    response.write("ok", () => request.socket.resetAndDestroy());
  },
  /** Never answers. */
  slow: () => {},
  /** Sends headers, then a body without end. */
  slow_body: (_received, response) => {
    response.writeHead(200);
    response.write("o");
  },
  not_http: (_received, response) => void response.socket?.end("SSH-2.0-peer\r\n"),
  rate_limited_seconds: answer(429, "slow down", { "retry-after": "7" }),
  rate_limited_date: answer(429, "", { "retry-after": "Tue, 05 May 2026 10:00:30 GMT" }),
  rate_limited_plain: answer(429),
  bad_request: answer(400, "invalid_payload"),
  unauthorized: answer(401, "no"),
  forbidden: answer(403, "action_prohibited"),
  not_found: answer(404, "no_service"),
  gone: answer(410, "channel_is_archived"),
  server_error: answer(500, "oops"),
  unavailable: answer(503, "", { "retry-after": "120" }),
  html_page: answer(502, HTML_PAGE, { "content-type": "text/html" }),
  redirect: (received, response) =>
    void response.writeHead(307, { location: received.path || "/" }).end(),
} as const satisfies Record<string, Responder>;
