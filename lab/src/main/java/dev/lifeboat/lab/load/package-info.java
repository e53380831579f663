/** Writers that know what they have written, and the comparison of what is there with what must be there. */
@NullMarked
package dev.lifeboat.lab.load;

import org.jspecify.annotations.NullMarked;
