export { accountTrouble, agree, askAnswers } from "./ask-answers.ts";
export { askedFields } from "./asked-fields.ts";
