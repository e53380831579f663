@NullMarked
package dev.lifeboat.workflows.contract.objectstore;

import org.jspecify.annotations.NullMarked;
