/**
 * The configuration that decides: the file's as it was at the start, with what was made by hand as it
 * is now. Nothing else is read again: references keep the values that they had at the start.
 */
import { dirname, resolve } from "node:path";
import { referenceResolver, type Resolver } from "../config/references.ts";
import type { PipelineConfiguration } from "../pipeline/policies.ts";
import type { Database } from "../sqlite/database.ts";
import { listPolicies, readPoliciesVersion } from "../store/sqlite/policies.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import { configurationError, type Configuration, type ParseOptions } from "./configuration.ts";
import { compilePipeline } from "./pipeline-configuration.ts";
import { parseWithPolicies } from "./stored-policies.ts";

export class EffectiveConfiguration {
  /** As it was at the start. */
  readonly configuration: Configuration;
  readonly #database: Database;
  readonly #options: ParseOptions;
  readonly #telemetry: Telemetry;
  #version: number;

  /** Throws CONFIG_INVALID. */
  constructor(database: Database, options: ParseOptions, telemetry: Telemetry) {
    this.#database = database;
    this.#options = { ...options, resolver: rememberReferences(resolverOf(options)) };
    this.#telemetry = telemetry;
    this.#version = readPoliciesVersion(database);
    this.configuration = this.#read();
  }

  /**
   * The configuration for the stages when something was made by hand since it was asked last, else
   * null. What cannot be read is reported and left aside until the next change.
   */
  refresh(): PipelineConfiguration | null {
    try {
      // Before the policies themselves: what changes in between is then read again.
      const version = readPoliciesVersion(this.#database);
      if (version === this.#version) return null;
      this.#version = version;
      return compilePipeline(this.#read());
    } catch (error) {
      this.#telemetry.emit({ event: "pipeline_failed", error });
      return null;
    }
  }

  #read(): Configuration {
    const read = parseWithPolicies(this.#options, listPolicies(this.#database));
    if (!read.ok) throw configurationError(read.problems);
    return read.configuration;
  }
}

function resolverOf({ env, file, cwd }: ParseOptions): Resolver {
  return referenceResolver({ env, directory: file === null ? cwd : dirname(resolve(cwd, file)) });
}

function rememberReferences(resolver: Resolver): Resolver {
  const known = new Map<string, ReturnType<Resolver>>();
  return (reference) => {
    const result = known.get(reference) ?? resolver(reference);
    known.set(reference, result);
    return result;
  };
}
