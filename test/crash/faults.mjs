/**
 * Loaded into the program from outside (`node --import`): ends the process with SIGKILL the n-th
 * time that it reaches a named point. `TOCSIN_TEST_KILL=append.committed:3`
 */
import { subscribe } from "node:diagnostics_channel";

const [point, count] = (process.env.TOCSIN_TEST_KILL ?? "").split(":");
if (point) {
  let left = Number(count);
  subscribe(`tocsin:${point}`, () => {
    left -= 1;
    if (left === 0) process.kill(process.pid, "SIGKILL");
  });
}
