@NullMarked
package dev.lifeboat.workflows.contract.writers;

import org.jspecify.annotations.NullMarked;
