@NullMarked
package dev.lifeboat.activities.evidence;

import org.jspecify.annotations.NullMarked;
