// Undefined names are left to the type checker, which knows what a browser has.
import js from "@eslint/js";

export default [
  js.configs.recommended,
  {
    rules: {
      "no-undef": "off",
      "no-unused-vars": ["error", { ignoreRestSiblings: true }],
      "no-var": "error",
      "prefer-const": "error",
      eqeqeq: "error",
    },
  },
  {
    // Not modules: the page joins them, so that each uses what another declares.
    files: ["static/shell/page/*.js"],
    languageOptions: { sourceType: "script" },
    rules: { "no-unused-vars": ["error", { vars: "local" }], "prefer-const": "off" },
  },
];
