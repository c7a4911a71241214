/** A message as one line of syslog that is never longer than its collector takes. */
import type { Message } from "../destination.ts";
import type { RenderParts } from "../parts.ts";
import { cefOf } from "./cef.ts";
import { jsonWithin } from "./json.ts";
import { headerOf, markUtf8, type Origin } from "./line.ts";
import type { SyslogConfig } from "./syslog.ts";

/**
 * Bytes of a message unless configured. A receiver over TLS should take 8192 (RFC 5425 §4.3.1), one of
 * datagrams 2048 (RFC 5426 §3.2).
 */
export const LONGEST = { tls: 8192, tcp: 8192, udp: 2048 } as const;
const MARK = Buffer.byteLength("\ufeff");

/** What a template words; the rest is as it comes. */
export interface Words {
  readonly title?: string;
  readonly text?: string;
}

/** What of the settings decides how a message looks. */
export type Look = Origin & Pick<SyslogConfig, "format" | "transport" | "max_size">;

/** Makes the function that renders a message without its framing. */
export function createRender(look: Look, parts: RenderParts<"title" | "text">) {
  const max = look.max_size ?? LONGEST[look.transport];
  return (message: Message): string => {
    const header = headerOf(message, look);
    const room = max - Buffer.byteLength(header) - MARK;
    const write = look.format === "json" ? jsonWithin : cefOf;
    return `${header}${markUtf8(write(message, room, parts(message)))}`;
  };
}
