/** Refuses cycles of imports, also of types, which ESLint's rule for cycles ignores. */
export default {
  forbidden: [{ name: "no-circular", severity: "error", from: {}, to: { circular: true } }],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    doNotFollow: { path: "node_modules" },
    exclude: { path: "(node_modules|/dist/)" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["@nc/source", "import", "default"],
    },
  },
};
