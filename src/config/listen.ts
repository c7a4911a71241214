/** Addresses to listen on: `host:port`. */
import { BlockList, isIP } from "node:net";
import { z } from "zod";

export interface ListenAddress {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
}

/** Reads `127.0.0.1:7373`, `localhost:7373` or `[::1]:7373`; undefined when it is none of these. */
export function readListen(text: string): ListenAddress | undefined {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9_.-]+)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (!match || port > 65_535) return undefined;
  const bracketed = match[1];
  if (bracketed !== undefined) return isIP(bracketed) === 6 ? { host: bracketed, port } : undefined;
  const host = match[2] ?? "";
  // Digits and dots alone are meant as an address: 127.0.0.1.1 is not a name.
  return /^[\d.]+$/.test(host) && isIP(host) !== 4 ? undefined : { host, port };
}

/** An address to listen on, once parsed a `ListenAddress`. `fallback` is written as in the file. */
export function listen(fallback?: string) {
  const schema = z
    .string()
    .meta({ format: "listen" })
    .transform((text, context) => {
      const address = readListen(text);
      if (address) return address;
      context.addIssue({
        code: "custom",
        message: `"${text}" is not an address to listen on — ${FORMS}`,
      });
      return z.NEVER;
    });
  return fallback === undefined ? schema : schema.prefault(fallback);
}

const FORMS = "write it like 127.0.0.1:7373 or [::1]:7373";

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet("127.0.0.0", 8, "ipv4");
LOOPBACK.addAddress("::1", "ipv6");

/** Whether only processes of the same machine can connect to `host`. A name but `localhost` is not. */
export function isLoopback(host: string): boolean {
  const family = isIP(host);
  if (family === 0) return host.toLowerCase() === "localhost";
  return LOOPBACK.check(host, family === 6 ? "ipv6" : "ipv4");
}
