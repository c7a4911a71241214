/**
 * Reads a mail as a mailbox does, and refuses what is malformed: lines longer than 998 bytes or ending
 * otherwise than in CRLF (RFC 5322 §2.1.1), bytes that are not ASCII outside of an encoding (RFC 2045),
 * headers that stand twice (RFC 5322 §3.6).
 */

/** A mail that is well-formed. Names of headers in lower case, values decoded. */
export interface ReadMail {
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  readonly html: string | null;
  /** As it came. */
  readonly raw: string;
}

const ONCE = new Set(
  (
    "from to cc subject date message-id references in-reply-to reply-to auto-submitted " +
    "content-type mime-version x-tocsin-alert"
  ).split(" "),
);

/** Throws a RangeError that says what is wrong. */
export function readMail(bytes: Buffer): ReadMail {
  const raw = bytes.toString("latin1");
  for (const line of raw.split("\r\n")) checkLine(line);
  const { headers, body } = readEntity(raw);
  for (const name of ["from", "to", "date", "message-id", "subject", "mime-version"])
    if (headers[name] === undefined) throw new RangeError(`the header ${name} is missing`);
  const parts = readParts(headers["content-type"] ?? "", headers, body);
  const text = parts.find(({ type }) => type === "text/plain")?.text;
  if (text === undefined) throw new RangeError("there is no text");
  const html = parts.find(({ type }) => type === "text/html")?.text ?? null;
  return { headers, text, html, raw };
}

function checkLine(line: string): void {
  if (line.length > 998) throw new RangeError("a line is longer than 998 bytes");
  if (/[\r\n]/.test(line)) throw new RangeError("a line ends in CR or LF alone");
  if (/[^\x20-\x7e\t]/.test(line)) throw new RangeError("a byte is not printable ASCII");
}

function readEntity(raw: string) {
  const end = raw.indexOf("\r\n\r\n");
  const head = raw.slice(0, end).replace(/\r\n(?=[ \t])/g, "");
  const headers: Record<string, string> = {};
  for (const line of head.split("\r\n")) {
    const [, name = "", value = ""] = /^([!-9;-~]+): *(.*)$/.exec(line) ?? [];
    if (name === "") throw new RangeError(`"${line}" is not a header`);
    const key = name.toLowerCase();
    if (ONCE.has(key) && headers[key] !== undefined) throw new RangeError(`${key} stands twice`);
    headers[key] = decodeWords(value);
  }
  return { headers, body: raw.slice(end + 4) };
}

function readParts(type: string, headers: Record<string, string>, body: string) {
  const [, boundary] = /^multipart\/alternative;.*boundary="([^"]+)"/.exec(type) ?? [];
  if (boundary === undefined) return [readPart(headers, body)];
  if (!body.trimEnd().endsWith(`--${boundary}--`))
    throw new RangeError("the last boundary is missing");
  const parts = body.split(`--${boundary}`).slice(1, -1);
  return parts.map((part) => {
    const entity = readEntity(part.replace(/^\r\n/, "").replace(/\r\n$/, ""));
    return readPart(entity.headers, entity.body);
  });
}

function readPart(headers: Record<string, string>, body: string) {
  const [type = ""] = (headers["content-type"] ?? "").split(";");
  const encoding = headers["content-transfer-encoding"] ?? "7bit";
  if (encoding !== "7bit" && encoding !== "quoted-printable")
    throw new RangeError(`the encoding ${encoding} was not expected`);
  const plain = body.replaceAll("\r\n", "\n");
  return { type, text: encoding === "7bit" ? plain : decodeQuoted(plain.replace(/=\n/g, "")) };
}

function decodeQuoted(text: string): string {
  const bytes = text.replace(/=([0-9A-F]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(bytes, "latin1").toString("utf8");
}

/** Encoded words (RFC 2047); the space between two of them is not part of the text. */
function decodeWords(value: string): string {
  return value
    .replace(/\?=\s+=\?/g, "?==?")
    .replace(/(=\?utf-8\?Q\?[^?]*\?=)+/gi, (words) =>
      decodeQuoted(words.replace(/=\?utf-8\?Q\?([^?]*)\?=/gi, "$1").replaceAll("_", " ")),
    )
    .replace(/(=\?utf-8\?B\?[^?]*\?=)/gi, (word) =>
      Buffer.from(word.slice(10, -2), "base64").toString("utf8"),
    );
}
