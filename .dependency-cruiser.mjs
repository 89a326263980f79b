/** The boundaries of the architecture (docs/architecture.md), checked by `pnpm check:boundaries`. */
const PURE_DOMAIN_MAY_USE = ['^packages/domain/', '^packages/contracts/', 'temporal-'];

export default {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'A cycle of imports hides who depends on whom.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'services-are-islands',
      comment: 'A service never imports the code of another: they meet in the log and in packages/contracts.',
      severity: 'error',
      from: { path: '^services/([^/]+)/' },
      to: { path: '^services/', pathNot: '^services/$1/' },
    },
    {
      name: 'packages-know-no-service',
      severity: 'error',
      from: { path: '^packages/' },
      to: { path: '^(services|infra|test)/' },
    },
    {
      name: 'packages-through-the-front-door',
      comment: 'Another package is imported by its name, which leads to its one entry.',
      severity: 'error',
      from: { path: '^(services|infra|test|packages)/([^/]+)/' },
      to: { path: '^packages/([^/]+)/src/', pathNot: '^packages/($2/src/|[^/]+/src/mod\\.ts$)' },
    },
    {
      name: 'domain-is-pure',
      comment: 'Decisions take time and identities as arguments and do no input or output.',
      severity: 'error',
      from: { path: '^packages/domain/src/', pathNot: '\\.test\\.ts$' },
      to: { pathNot: PURE_DOMAIN_MAY_USE },
    },
    {
      name: 'no-test-code-in-production',
      severity: 'error',
      from: {
        path: '^(services|packages)/',
        pathNot: '(\\.test\\.ts$|^packages/testkit/|^(services|packages)/[^/]+/test/)',
      },
      to: { path: '^packages/testkit/|\\.test\\.ts$|^(services|packages)/[^/]+/test/' },
    },
    {
      name: 'sender-layers',
      comment: 'What a batch is made of knows no batch, a batch no queue, and a queue not who dispatches it.',
      severity: 'error',
      from: {
        path: '^services/sender/src/(clock|limits|mailings|ownership|provider|recipients)/',
        pathNot: '\\.test\\.ts$',
      },
      to: { path: '^services/sender/src/(batch|intake|delivery)/' },
    },
    {
      name: 'sender-batch-below-intake',
      severity: 'error',
      from: { path: '^services/sender/src/batch/', pathNot: '\\.test\\.ts$' },
      to: { path: '^services/sender/src/(intake|delivery)/' },
    },
    {
      name: 'sender-intake-below-delivery',
      severity: 'error',
      from: { path: '^services/sender/src/intake/', pathNot: '\\.test\\.ts$' },
      to: { path: '^services/sender/src/delivery/' },
    },
    {
      name: 'no-undeclared-packages',
      severity: 'error',
      from: {},
      // Our own packages are links, whose kind the tool cannot determine.
      to: {
        dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'unknown', 'undetermined'],
        pathNot: '^packages/[^/]+/src/mod\\.ts$',
      },
    },
    { name: 'not-to-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    parser: 'swc',
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
    exclude: { path: 'node_modules' },
  },
};
