@NullMarked
package dev.lifeboat.activities.store;

import org.jspecify.annotations.NullMarked;
