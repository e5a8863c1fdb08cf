// The control protocol of fake-claude.mjs: what Claude Code does with `--input-format stream-json`, and every way in which
// a CLI could lie there.
import fs from "node:fs";

/** The fields of `fake-claude.json` that count here. */
export const doorDefaults = {
  /** "open", "refuses" (knows no `set_cwd`, as up to 2.1.198), "hangs", "crashes", "floods". */
  door: "refuses",
  /** Asked this often for nothing: "busy". */
  busy: 0,
  /** The folder and the key that it names; null: the right ones. */
  namesFolder: null,
  namesKey: null,
  /** It does not name a key, as 2.1.212 does not for a worktree. */
  hidesKey: false,
  /**
   * "ok", "silent" (does nothing), "forget" (says ok, writes nothing), "late" (says ok, and writes `lateMs` later),
   * "lose" (the first process says ok and its write is lost, as 2.1.248's beside others that start; the next ones write).
   */
  takes: "ok",
  lateMs: 300,
  /** What it records beside the trust. */
  adds: {},
  /** It answers each question with the answer to the one before. */
  swapsAnswers: false,
  /** Takes no notice of the end of its input. */
  staysOn: false,
};

const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);
const respond = (id, response) =>
  say({ type: "control_response", response: { subtype: "success", request_id: id, response } });

const record = ({ scenario, update, keyOf }, folder) =>
  update((state) => {
    const keys = (scenario.records ?? ["own"]).map((name) => (name === "own" ? keyOf(folder) : name));
    const accepted = keys.map((name) => [name, { allowedTools: [], ...scenario.adds, hasTrustDialogAccepted: true }]);
    state.projects = { ...state.projects, ...Object.fromEntries(accepted) };
  });

/** Handles the requests of stdin, a line each, one after the other, until its end. */
const handleLines = async (handle) => {
  let rest = "";
  let last = Promise.resolve();
  for await (const data of process.stdin.setEncoding("utf8")) {
    const lines = (rest + data).split("\n");
    rest = lines.pop();
    for (const line of lines) last = last.then(() => handle(JSON.parse(line)));
  }
  await last;
};

/** `shared`: what fake-claude.mjs shares. */
export const openDoor = async (shared) => {
  const { scenario, log, after, keyOf, isFirstToAccept } = shared;
  let busy = scenario.busy;
  let previous = null;

  const take = async (id, real) => {
    log("accepted", { folder: real });
    if (scenario.takes === "silent") return;
    if (scenario.takes === "late") setTimeout(() => void record(shared, real), scenario.lateMs);
    if (scenario.takes === "ok" || (scenario.takes === "lose" && !isFirstToAccept())) await record(shared, real);
    say({ type: "system", subtype: "ui_invalidate" });
    respond(id, { status: "ok", cwd: real, changed: true });
  };

  const answer = async (id, { path: asked, trust_accepted: accepted, trusted_directory: pinned }) => {
    if (busy > 0) {
      busy -= 1;
      return respond(id, { status: "rejected", reason: "busy" });
    }
    if (!fs.existsSync(asked)) return respond(id, { status: "rejected", reason: "not_found" });
    const real = fs.realpathSync(asked);
    const directory = scenario.namesFolder ?? real;
    if (accepted === true && pinned === directory) return await take(id, real);
    const key = scenario.namesKey ?? keyOf(real);
    const root = key === real || scenario.hidesKey ? {} : { trust_root: key };
    respond(id, { status: "needs_trust", directory, ...root });
  };

  const handle = async ({ type, request_id: id, request }) => {
    if (type !== "control_request") return;
    log("asked", { path: request.path, isAccepted: request.trust_accepted === true });
    if (scenario.door === "hangs") return;
    if (scenario.door === "crashes") {
      process.stderr.write("error: something is broken here\n");
      process.exit(7);
    }
    if (scenario.door === "floods") {
      const line = `${JSON.stringify({ type: "system", subtype: "x".repeat(60_000) })}\n`;
      for (;;) if (!process.stdout.write(line)) await new Promise((done) => process.stdout.once("drain", done));
    }
    if (scenario.door === "refuses" || request.subtype !== "set_cwd") {
      const error = `Unsupported control request subtype: ${request.subtype}`;
      return say({ type: "control_response", response: { subtype: "error", request_id: id, error } });
    }
    if (scenario.swapsAnswers) [id, previous] = [previous ?? "0", id];
    await answer(id, request);
  };

  await after(scenario.startMs);
  if (scenario.staysOn) for (const signal of ["SIGHUP", "SIGTERM"]) process.on(signal, () => {});
  if (scenario.staysOn) setInterval(() => {}, 1000);
  await handleLines(handle);
  log("exit", { code: 0, why: "its input ended" });
};
