/** Users, roles and passwords in the files of Elasticsearch's file realm, which needs no index. */
import { pbkdf2Sync, randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

export interface EngineUser {
  readonly name: string;
  readonly password: string;
  /** One of `EngineRoles`, or one that is built in, as `superuser`. */
  readonly role: string;
}

/** By name, as `roles.yml` says what each may do. */
export type EngineRoles = Readonly<Record<string, EngineRole>>;

interface EngineRole {
  readonly cluster: readonly string[];
  readonly indices: readonly {
    readonly names: readonly string[];
    readonly privileges: readonly string[];
  }[];
}

/** Writes the three files into the engine's `config`. */
export async function writeSecurity(
  config: string,
  users: readonly EngineUser[],
  roles: EngineRoles,
): Promise<void> {
  const write = async (name: string, lines: readonly string[]) =>
    await writeFile(join(config, name), `${lines.join("\n")}\n`);
  await write(
    "users",
    users.map(({ name, password }) => `${name}:${hashPassword(password)}`),
  );
  await write(
    "users_roles",
    users.map(({ name, role }) => `${role}:${name}`),
  );
  // JSON is YAML; but a role is taken for one only where it begins a line.
  await write(
    "roles.yml",
    Object.entries(roles).map(([name, role]) => `${name}: ${JSON.stringify(role)}`),
  );
}

/** As the file realm reads it: the cost, salt and hash of PBKDF2 with HMAC-SHA512. */
function hashPassword(password: string): string {
  const cost = 10_000;
  const salt = randomBytes(32);
  const hash = pbkdf2Sync(password, salt, cost, 32, "sha512");
  return `{PBKDF2}${cost}$${salt.toString("base64")}$${hash.toString("base64")}`;
}
