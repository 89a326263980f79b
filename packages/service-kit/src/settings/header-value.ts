import { z } from 'zod';

/**
 * Text that goes into an HTTP header as it is: printable ASCII. What lies beyond cannot be sent at all, or arrives as
 * something else, and every call would fail with it.
 */
export const headerValue = z
  .string()
  .regex(
    /^[\x20-\x7e]*$/,
    'must hold printable ASCII only: no line ends, no control characters, no other letters',
  );
