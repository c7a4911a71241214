/**
 * A real SMTP server (the package `smtp-server`: SMTP, STARTTLS, AUTH, PIPELINING, SIZE) with the habits
 * of a strict relay: it wants a login, takes mails for known domains only, and refuses what is malformed.
 * Replies are those of RFC 5321 §4.2.3 and RFC 4954 §6, with the texts that Postfix gives.
 */
import type { AddressInfo, Socket } from "node:net";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import type { SocketFault } from "../../src/destinations/testing/subject.ts";
import { readMail, type ReadMail } from "./mail-parts.ts";
import { readPem, type PeerTls } from "./peer.ts";

export const SMTP_USER = "tocsin";
export const SMTP_PASSWORD = "the relay's password";
/** A mail larger than this is refused: Postfix has `message_size_limit = 10240000`. */
const MAX_SIZE = 10_240_000;

export interface KeptMail extends ReadMail {
  readonly sender: string;
  /** Those of the envelope. */
  readonly recipients: readonly string[];
  /** Whether it came over TLS. */
  readonly secure: boolean;
}

export interface SmtpOptions {
  readonly tls?: PeerTls | undefined;
  /** TLS from the first byte instead of STARTTLS. */
  readonly implicit?: boolean | undefined;
  /** Does not know STARTTLS. */
  readonly plain?: boolean | undefined;
  /** Does not know AUTH and wants none. */
  readonly open?: boolean | undefined;
}

export interface FakeSmtp {
  readonly host: string;
  readonly port: number;
  readonly mails: readonly KeptMail[];
  /** How many connections there were. */
  connections(): number;
  /** How many times somebody tried to log in. */
  logins(): number;
  misbehave(fault: SocketFault | undefined): Promise<void>;
  /** From now on, this answer to RCPT for this address; undefined takes it again. */
  answerRecipient(address: string, code: number | undefined): void;
  /** The next commands of this kind get this answer. */
  answer(command: "auth" | "from" | "data", code: number, text: string): void;
  /** Ends all connections, as a server does with those that were idle for long. */
  dropConnections(): void;
  close(): Promise<void>;
}

function reply(responseCode: number, text: string): Error {
  return Object.assign(new RangeError(text), { responseCode });
}

/** Starts it on a free port of the loopback. Close it after the test. */
export async function startSmtp(options: SmtpOptions = {}): Promise<FakeSmtp> {
  const mails: KeptMail[] = [];
  const recipients = new Map<string, number>();
  const answers = new Map<string, Error>();
  const sockets = new Set<Socket>();
  const state: { fault: SocketFault | undefined; connections: number; logins: number } = {
    fault: undefined,
    connections: 0,
    logins: 0,
  };
  const { tls } = options;
  const dropConnections = () => {
    if (!tls) return sockets.forEach((socket) => socket.resetAndDestroy());
    // Node aborts the process when a socket goes away below TLS: the topmost one has to end.
    server._pendingSockets.forEach((socket) => socket.destroy());
    server.connections.forEach((connection) => connection._socket.destroy());
  };
  const server = new SMTPServer({
    ...(tls ? { cert: readPem(`${tls.name}.crt`), key: readPem(`${tls.name}.key`) } : {}),
    ...commandsOf(options),
    secure: options.implicit === true,
    size: MAX_SIZE,
    rejectOversized: true,
    disableReverseLookup: true,
    closeTimeout: 1,
    logger: false,
    onConnect(_session, done) {
      if (state.fault !== "slow") done();
    },
    onAuth({ username, password }, _session, done) {
      state.logins += 1;
      const known = username === SMTP_USER && password === SMTP_PASSWORD;
      if (answers.has("auth")) return done(answers.get("auth"));
      if (known && state.fault !== "unauthorized") return done(null, { user: username });
      // Some servers repeat what they were told.
      done(reply(535, `5.7.8 Error: authentication failed: ${username} ${password}`));
    },
    onMailFrom({ address }, _session, done) {
      if (answers.has("from")) return done(answers.get("from"));
      done(address.endsWith("@example.org") ? null : reply(553, "5.7.1 Sender address rejected"));
    },
    onRcptTo({ address }, _session, done) {
      const code = state.fault === "refused_for_good" ? 550 : recipients.get(address);
      if (code) return done(reply(code, `${Math.floor(code / 100)}.1.1 <${address}>: not here`));
      const isOurs = address.endsWith("@example.org");
      done(isOurs ? null : reply(554, `5.7.1 <${address}>: Relay access denied`));
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        if (state.fault === "try_later")
          return done(reply(451, "4.3.0 Error: queue file write error"));
        if (answers.has("data")) return done(answers.get("data"));
        try {
          const { mailFrom, rcptTo } = session.envelope;
          mails.push({
            ...readMail(Buffer.concat(chunks)),
            sender: mailFrom ? mailFrom.address : "",
            recipients: rcptTo.map(({ address }) => address),
            secure: session.secure,
          });
        } catch (error) {
          return done(reply(554, `5.6.0 ${String(error)}`));
        }
        if (state.fault === "lost_answer") return dropConnections();
        done(null, "2.0.0 Ok: queued as 4F2A91");
      });
    },
  });
  server.on("error", () => {});
  server.server.on("connection", (socket: Socket) => {
    state.connections += 1;
    sockets.add(socket.on("error", () => {}));
    socket.once("close", () => sockets.delete(socket));
    if (state.fault === "reset") socket.resetAndDestroy();
  });
  const listen = (port: number) =>
    new Promise<void>((done) => void server.server.listen(port, "127.0.0.1", done));
  await listen(0);
  const { port } = server.server.address() as AddressInfo;
  const stop = () => {
    dropConnections();
    return new Promise<void>((done) => void server.server.close(() => done()));
  };
  return {
    host: "localhost",
    port,
    mails,
    dropConnections,
    connections: () => state.connections,
    logins: () => state.logins,
    async misbehave(fault) {
      if (state.fault === "refused") await listen(port);
      state.fault = fault;
      dropConnections();
      if (fault === "refused") await stop();
    },
    answerRecipient(address, code) {
      if (code === undefined) recipients.delete(address);
      else recipients.set(address, code);
    },
    answer: (command, code, text) => void answers.set(command, reply(code, text)),
    async close() {
      if (server.server.listening) await stop();
    },
  };
}

function commandsOf({ tls, implicit, plain, open }: SmtpOptions): SMTPServerOptions {
  const noTls = plain === true || !tls || implicit === true;
  return {
    disabledCommands: [...(noTls ? ["STARTTLS"] : []), ...(open ? ["AUTH"] : [])],
    authOptional: open === true,
    allowInsecureAuth: !tls || plain === true,
  };
}

/** For the guide: where its page says `host: email.example.org`, mails go here, without TLS. */
export async function startForDocs() {
  const smtp = await startSmtp();
  const here = `host: localhost\n    port: ${smtp.port}\n    security: none`;
  return {
    url: `smtp://localhost:${smtp.port}`,
    replace: { "host: email.example.org": here },
    env: { SMTP_PASSWORD },
    kept: () => smtp.mails,
    close: () => smtp.close(),
  };
}
