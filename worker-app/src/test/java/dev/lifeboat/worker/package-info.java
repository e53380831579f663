@NullMarked
package dev.lifeboat.worker;

import org.jspecify.annotations.NullMarked;
