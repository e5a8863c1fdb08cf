import { project } from "../rows/host-side.ts";
import { answerQuestion, openQuestions } from "../rows/questions.ts";
import { codeOf, must, projectionOf, same, start, started, type TransportCase } from "./contract-case.ts";

const question = (id: string) => ({ id, content: { tool: "Bash", input: ["ls"] }, askedAt: start });

/** Questions of an agent, and signals between the sides that are not stored. */
export const questionCases: readonly TransportCase[] = [
  {
    title: "a question is stored, asking it again changes nothing, and its answer is returned",
    check: async (subject) => {
      const { host, agent } = await started(subject);
      await must(agent.ask(question("q-1")));
      await must(agent.ask({ ...question("q-1"), content: "other" }));
      same(await must(host.read(openQuestions)), [question("q-1")]);
      same((await must(agent.answerTo("q-1"))) ?? null, null);
      const told = new Promise<void>((resolve) => void agent.onChange(resolve));
      same(await must(host.transact(answerQuestion("q-1", { behavior: "allow" }, start))), true);
      await told;
      same(await must(agent.answerTo("q-1")), { behavior: "allow" });
      same(await must(host.read(openQuestions)), []);
    },
  },
  {
    title: "a question is answered at most once, and an unknown one never",
    check: async (subject) => {
      const { host, agent } = await started(subject);
      await must(agent.ask(question("q-1")));
      same(await must(host.transact(answerQuestion("q-1", "yes", start))), true);
      same(await must(host.transact(answerQuestion("q-1", "no", start))), false);
      same(await must(host.transact(answerQuestion("q-2", "yes", start))), false);
      await must(agent.ask(question("q-1")));
      same(await must(host.read(openQuestions)), []);
      same(await must(agent.answerTo("q-1")), "yes");
    },
  },
  {
    title: "a question survives its container and its host: the next ones ask for and give the answer",
    check: async (subject) => {
      const { host, agent } = await started(subject);
      await must(agent.ask(question("q-1")));
      await agent.close();
      const next = subject.host(2);
      await must(next.transact(project(projectionOf({ incarnation: 2, token: 2 }))));
      same(await codeOf(host.transact(answerQuestion("q-1", "no", start))), "fenced");
      same(await must(next.transact(answerQuestion("q-1", "yes", start))), true);
      same(await must(subject.agent().answerTo("q-1")), "yes");
    },
  },
  {
    title: "more than 100 open questions are refused, with a sentence that says so",
    check: async (subject) => {
      const { host, agent } = await started(subject);
      for (let count = 0; count < 100; count += 1) await must(agent.ask(question(`q-${count}`)));
      const refused = await agent.ask(question("q-100"));
      same(refused.ok ? "" : refused.error.message.includes("100 questions wait"), true);
      await must(agent.ask(question("q-7")));
      await must(host.transact(answerQuestion("q-7", "yes", start)));
      await must(agent.ask(question("q-100")));
    },
  },
  {
    title: "progress reaches the host, and a burst of it is limited",
    check: async (subject) => {
      const { host, agent } = await started(subject);
      const heard: string[] = [];
      const first = new Promise<void>(
        (resolve) =>
          void host.onProgress(({ inReplyTo, text }) => (heard.push(`${inReplyTo}: ${text}`), resolve())),
      );
      for (let count = 0; count < 50; count += 1) agent.progress({ inReplyTo: "m", text: `step ${count}` });
      await first;
      // After this call, all progress sent before it has arrived.
      await must(agent.projection());
      same([heard[0], heard.length < 25], ["m: step 0", true]);
    },
  },
];
