/**
 * Connections to the SMTP server. They are opened through the destination's sockets, so that the egress
 * guard, the certificates and the time limits hold for them too; nodemailer speaks SMTP on them, keeps
 * some open, and changes to TLS where that is asked for.
 */
import { isIP } from "node:net";
import type {
  SendMailOptions,
  SMTPPoolOptions,
  SMTPPoolSentMessageInfo,
  Transporter,
} from "nodemailer";
import type { Peer, Sockets } from "../../net/sockets.ts";
import type { Verdict } from "../destination.ts";
import type { EmailConfig } from "./email.ts";
import { verdictOfFailure } from "./smtp-verdict.ts";

/** What the server said to a mail that at least one recipient was accepted of, or what went wrong. */
export type Sent = { readonly info: SMTPPoolSentMessageInfo } | { readonly failed: Verdict };

export interface Mailer {
  /** Throws for bugs only. */
  send(mail: SendMailOptions, signal: AbortSignal): Promise<Sent>;
  /** Replaces the password, in all forms in which the server has seen it, in what the server said. */
  hide(text: string): string;
  close(): Promise<void>;
}

const PORTS = { starttls: 587, tls: 465, none: 25 } as const;
/** More than a destination ever sends at once: it is the outlet that sets the pace. */
const CONNECTIONS = 256;
/** A connection that nobody needs is given back after this long, in ms. */
const IDLE = 30_000;

type Pool = Transporter<SMTPPoolSentMessageInfo, SMTPPoolOptions>;

/** Opens nothing before the first mail. */
export function createMailer(config: EmailConfig, sockets: Sockets): Mailer {
  const peer = { host: config.host, port: config.port ?? PORTS[config.security] };
  const hide = createHider(config);
  let pool: Promise<Pool> | undefined;
  return {
    hide,
    async send(mail, signal) {
      pool ??= openPool(config, sockets, peer);
      const deadline = AbortSignal.timeout(sockets.timeout);
      const either = AbortSignal.any([signal, deadline]);
      try {
        return { info: await (await pool).sendMail({ ...mail, signal: either }) };
      } catch (error) {
        const stopped = signal.aborted ? "cancelled" : deadline.aborted ? "timeout" : undefined;
        const explain = (cause: unknown) => sockets.explain(cause, peer, stopped);
        return { failed: verdictOfFailure(error, explain, hide) };
      }
    },
    async close() {
      (await pool)?.close({ force: true });
    },
  };
}

async function openPool(config: EmailConfig, sockets: Sockets, peer: Peer): Promise<Pool> {
  const { security, user, password } = config;
  const isTls = security === "tls";
  const connect = () => (isTls ? sockets.tls(peer) : sockets.tcp(peer));
  const { createTransport } = await import("nodemailer");
  const options: SMTPPoolOptions & { pool: true } = {
    pool: true,
    ...peer,
    maxConnections: CONNECTIONS,
    idleTimeout: IDLE,
    // Once more, and only when the server closed before a byte of the mail was sent.
    maxRequeues: 1,
    secure: isTls,
    requireTLS: security === "starttls",
    ignoreTLS: security === "none",
    tls: { ...sockets.tlsOptions, ...(isIP(peer.host) ? {} : { servername: peer.host }) },
    getSocket: (_options, done) => {
      connect().then(
        (connection) => done(null, { connection, secured: isTls }),
        (error: Error) => done(error),
      );
    },
    // Without `forceAuth` a server that does not offer it would get mails without asking who sends them.
    ...(user && password ? { auth: { user, pass: password.reveal() }, forceAuth: true } : {}),
    disableFileAccess: true,
    disableUrlAccess: true,
  };
  return createTransport(options);
}

function createHider({ user, password }: EmailConfig): (text: string) => string {
  const plain = password?.reveal();
  if (plain === undefined) return (text) => text;
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  const forms = [base64(`\0${user}\0${plain}`), base64(plain), plain];
  return (text) => forms.reduce((shown, form) => shown.replaceAll(form, () => "<secret>"), text);
}
