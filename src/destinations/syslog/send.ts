/** Sending a line: there is no answer, so the verdict is about the way. */
import { messageOf } from "../../errors.ts";
import type { Message, SendContext, Verdict } from "../destination.ts";
import { verdictOfError } from "../http-verdict.ts";
import type { Link } from "./link.ts";
import type { SyslogConfig } from "./syslog.ts";

/** Makes the function that sends a rendered line. */
export function createSend({ transport, host }: SyslogConfig, link: Link) {
  return async (line: string, _message: Message, context: SendContext): Promise<Verdict> => {
    const request = `syslog over ${transport} to ${host}\n\n${line}`;
    try {
      await link.send(Buffer.from(line), context.signal);
      const answer = transport === "udp" ? "sent; nobody says whether it arrived" : "written";
      context.record?.({ request, answer });
      return { kind: "delivered" };
    } catch (error) {
      context.record?.({ request, answer: messageOf(error) });
      return verdictOfError(error);
    }
  };
}
