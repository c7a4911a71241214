import type { PeerTls } from "../../../../test/peers/peer.ts";
import { SMTP_PASSWORD, SMTP_USER, startSmtp, type KeptMail } from "../../../../test/peers/smtp.ts";
import type { SocketSubject, SocketSubjectPeer } from "../../testing/subject.ts";

const FAULTS = {
  refused: { kind: "retry", reason: "refused" },
  slow: { kind: "retry", reason: "timeout" },
  reset: { kind: "retry", reason: "reset" },
  lost_answer: { kind: "retry", reason: "reset" },
  try_later: { kind: "retry", reason: "server_error", status: 451 },
  refused_for_good: { kind: "reject", reason: "rejected_by_peer", status: 550 },
  unauthorized: { kind: "reject", reason: "unauthorized", status: 535 },
} as const;

export const subjects: readonly SocketSubject[] = [
  subjectOf("email with STARTTLS", "starttls"),
  subjectOf("email with TLS from the first byte", "tls"),
];

function subjectOf(name: string, security: "starttls" | "tls"): SocketSubject {
  const start = (tls?: PeerTls) => startPeer(tls ? security : "none", tls);
  return { transport: "socket", name, tls: true, faults: FAULTS, start };
}

async function startPeer(security: string, tls?: PeerTls): Promise<SocketSubjectPeer> {
  const smtp = await startSmtp({ tls, implicit: security === "tls" });
  return {
    ...smtp,
    settings: {
      host: smtp.host,
      port: smtp.port,
      security,
      user: SMTP_USER,
      password: SMTP_PASSWORD,
      from: "Tocsin <tocsin@example.org>",
      to: ["soc@example.org"],
      cc: ["SOC lead <lead@example.org>"],
    },
    secrets: [SMTP_PASSWORD, Buffer.from(SMTP_PASSWORD).toString("base64")],
    kept: () => smtp.mails,
    measure: (kept) => {
      const { headers, raw } = kept as KeptMail;
      return { subject: headers["subject"]?.length ?? Number.NaN, mail: raw.length };
    },
    keyOf: (kept) => (kept as KeptMail).headers["message-id"] ?? "",
  };
}
