@NullMarked
package dev.lifeboat.activities.objectstore;

import org.jspecify.annotations.NullMarked;
