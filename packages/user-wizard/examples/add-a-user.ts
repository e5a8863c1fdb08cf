import { explain, missingAnswers, readAnswer, type Answers } from "@nc/user-wizard";
import { addUser, prepareUser, thisMachine } from "@nc/user-wizard/node";

// add-a-user.ts DATA_FOLDER telegram_id=7 name=Ada os_user=ada [model=opus ...] [--apply]
const [folder = ".", ...words] = process.argv.slice(2).filter((word) => word !== "--apply");
const answers: Record<string, unknown> = {};
for (const word of words) {
  const [field = "", text = ""] = word.split("=");
  const answer = readAnswer(field as keyof Answers, text);
  if (!answer.ok) throw new Error(explain(answer.error));
  answers[field] = answer.value;
}
if (missingAnswers(answers).length > 0)
  throw new Error(`Still needed: ${missingAnswers(answers).join(", ")}`);

const places = {
  usersFile: `${folder}/users.yaml`,
  dataDir: `${folder}/users`,
  service: process.getuid?.() ?? 0,
};
const prepared = await prepareUser(thisMachine, { places, answers });
if (!prepared.ok) throw new Error(explain(prepared.error));
console.log(prepared.value.plan.diff);
for (const warning of prepared.value.warnings) console.error(explain(warning));

if (process.argv.includes("--apply")) {
  const added = await addUser(thisMachine, { places, answers });
  console.log(added.ok ? added.value.status : explain(added.error));
}
