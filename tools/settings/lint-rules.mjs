/** Rules of ours for oxlint. */
const isCall = ({ object, property }, of, name) => object.name === of && property.name === name;

const rules = {
  /** `{ ...{ a, b } }` switches off TypeScript's check for excess properties, and says the same as `{ a, b }`. */
  "no-fresh-spread": (report) => ({
    SpreadElement: (node) => {
      if (node.argument.type === "ObjectExpression")
        report(
          node,
          "Write the properties without the spread: it switches off the check for excess properties.",
        );
    },
  }),
  /** A core gets the time and random values as arguments. */
  "pure-core": (report) => ({
    CallExpression: (node) => {
      const { callee } = node;
      if (callee.type !== "MemberExpression") return;
      if (isCall(callee, "Date", "now")) report(node, "A core has no clock: take the time as an argument.");
      if (isCall(callee, "Math", "random"))
        report(node, "A core has no random source: take random values as an argument.");
    },
    NewExpression: (node) => {
      if (node.callee.name === "Date" && node.arguments.length === 0)
        report(node, "A core has no clock: take the time as an argument.");
    },
  }),
};

export default {
  meta: { name: "ours" },
  rules: Object.fromEntries(
    Object.entries(rules).map(([name, visitor]) => [
      name,
      { create: (context) => visitor((node, message) => context.report({ node, message })) },
    ]),
  ),
};
