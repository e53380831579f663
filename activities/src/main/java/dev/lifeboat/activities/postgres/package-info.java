@NullMarked
package dev.lifeboat.activities.postgres;

import org.jspecify.annotations.NullMarked;
