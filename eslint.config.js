import eslint from "@eslint/js";
import angular from "angular-eslint";
import { defineConfig, globalIgnores } from "eslint/config";
import tseslint from "typescript-eslint";

export default defineConfig(
  globalIgnores(["actions/dist", "apps/*/*/dist", "apps/*/*/.angular", "**/drizzle", "**/.terraform"]),
  eslint.configs.recommended,
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // Numbers read well inside a message, and never come out as "[object Object]".
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      // "() => list.push(x)" is how a callback without a result is written.
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      // The compiler's noUnusedLocals knows what a leading underscore and a type-only use mean.
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      // A literal that is spread says no more than its parts; it only packs lines.
      "no-restricted-syntax": [
        "error",
        {
          selector: "SpreadElement > :matches(ObjectExpression, ArrayExpression)",
          message: "Write the properties or elements themselves, without the spread.",
        },
      ],
    },
  },
  {
    // What an action prints comes from others, too, so one printer breaks what the runner would obey.
    files: ["actions/**/*.ts"],
    ignores: ["actions/lib/core/runner-log.ts"],
    rules: {
      "no-restricted-imports": [
        "error",
        {
          name: "@actions/core",
          importNames: ["debug", "info", "notice", "warning", "error", "group", "setFailed", "setSecret", "startGroup"],
          message: "Print by actions/lib/core/runner-log.ts.",
        },
      ],
      "no-console": "error",
    },
  },
  {
    // Angular: classes, and the templates inside them.
    files: ["apps/{ui,*/frontend}/src/**/*.ts"],
    extends: [angular.configs.tsRecommended],
    processor: angular.processInlineTemplates,
    rules: {
      // A component may be all decorator.
      "@typescript-eslint/no-extraneous-class": ["error", { allowWithDecorator: true }],
    },
  },
  {
    // Their templates, with what a person needs who cannot see or point.
    files: ["apps/{ui,*/frontend}/src/**/*.html"],
    extends: [angular.configs.templateRecommended, angular.configs.templateAccessibility],
  },
  {
    // Tests look into JSON whose shape they assert, and give async doubles to what awaits them.
    files: ["**/*.test.ts"],
    rules: {
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
      "@typescript-eslint/no-unsafe-argument": "off",
      "@typescript-eslint/no-unsafe-return": "off",
      "@typescript-eslint/no-unsafe-call": "off",
      "@typescript-eslint/require-await": "off",
    },
  },
);
