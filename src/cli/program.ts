/** All commands. */
import { Command } from "commander";
import { addAlert } from "./alert.ts";
import { addAlerts } from "./alerts.ts";
import { addAudit } from "./audit.ts";
import { addBacktest } from "./backtest.ts";
import { addCase } from "./case.ts";
import { addCheck } from "./check.ts";
import { addDead } from "./dead.ts";
import { addDeliveries } from "./deliveries.ts";
import { addDestination } from "./destination.ts";
import { addDoctor } from "./doctor.ts";
import { addElkActionWorker } from "./elk-action-worker.ts";
import { addExplain } from "./explain.ts";
import { addInit } from "./init.ts";
import type { Cli } from "./io.ts";
import { addKey } from "./key.ts";
import { addPlan } from "./plan.ts";
import { addPolicy } from "./policy.ts";
import { addQuarantine } from "./quarantine.ts";
import { addReconcile } from "./reconcile.ts";
import { addRender } from "./render.ts";
import { addReplay } from "./replay.ts";
import { addService } from "./service.ts";
import { addSend } from "./send.ts";
import { addSilence } from "./silence.ts";
import { addSource } from "./source.ts";
import { addStart } from "./start.ts";
import { addTail } from "./tail.ts";
import { addTest } from "./test.ts";
import { addVersion } from "./version.ts";

const COMMANDS = [
  addStart,
  addElkActionWorker,
  addInit,
  addCheck,
  addPlan,
  addTest,
  addBacktest,
  addSend,
  addTail,
  addAudit,
  addExplain,
  addAlerts,
  addAlert,
  addCase,
  addSilence,
  addPolicy,
  addDeliveries,
  addDead,
  addRender,
  addReplay,
  addQuarantine,
  addReconcile,
  addKey,
  addSource,
  addDestination,
  addDoctor,
  addService,
  addVersion,
];

const LONGEST_HELP_LINE = 100;

/** The program with its commands; parsing throws instead of ending the process. */
export function createProgram(cli: Cli): Command {
  const width = Math.min(cli.columns, LONGEST_HELP_LINE);
  const program = new Command("tocsin")
    .description("Carries security alerts to those who respond, and proves that none was lost.")
    .option("--config <file>", "configuration (env TOCSIN_CONFIG; default: tocsin.yaml if there)")
    .option("--data <dir>", "data folder (env TOCSIN_DATA; default: the configuration's, ./data)")
    .option("--json", "answer in JSON; errors too, on standard error")
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => cli.stdout(text),
      writeErr: (text) => cli.stderr(text),
      // Errors are told by the caller, all in the same form.
      outputError: () => {},
      getOutHelpWidth: () => width,
      getErrHelpWidth: () => width,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .exitOverride();
  for (const add of COMMANDS) add(program, cli);
  return program;
}
