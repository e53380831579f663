@NullMarked
package dev.lifeboat.workflows.contract.postgres;

import org.jspecify.annotations.NullMarked;
