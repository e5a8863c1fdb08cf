import { statSync } from "node:fs";
import { explain, missingAnswers, readAnswer, type Answers } from "@nc/user-wizard";
import { addUser, prepareUser, thisMachine } from "@nc/user-wizard/node";

// add-a-user.ts DATA_FOLDER telegram_id=7 name=Ada os_user=ada [model=opus ...] [--apply]
const [folder = ".", ...words] = process.argv.slice(2).filter((word) => word !== "--apply");
const base = process.cwd();
const answers: Record<string, unknown> = {};
for (const word of words) {
  const [field = "", text = ""] = word.split("=");
  const answer = readAnswer(field as keyof Answers, text, base);
  if (!answer.ok) throw new Error(explain(answer.error));
  answers[field] = answer.value;
}
if (missingAnswers(answers).length > 0)
  throw new Error(`Still needed: ${missingAnswers(answers).join(", ")}`);

// The host runs as the folder's owner.
const service = statSync(folder).uid;
const places = { usersFile: `${folder}/users.yaml`, dataDir: `${folder}/users`, service };
const prepared = await prepareUser(thisMachine, { places, answers });
if (!prepared.ok) throw new Error(explain(prepared.error));
console.log(prepared.value.plan.diff);
for (const warning of prepared.value.warnings) console.error(explain(warning));

if (process.argv.includes("--apply")) {
  const added = await addUser(thisMachine, { places, answers });
  if (!added.ok) throw new Error(explain(added.error));
  console.log(added.value.status);
}
