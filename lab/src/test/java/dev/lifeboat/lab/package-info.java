@NullMarked
package dev.lifeboat.lab;

import org.jspecify.annotations.NullMarked;
