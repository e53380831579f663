@NullMarked
package dev.lifeboat.workflows.contract;

import org.jspecify.annotations.NullMarked;
