"""Two engines as learners write them, after micrograd: of single numbers and of arrays, each with rules to break."""

from __future__ import annotations

import math

import numpy as np


class Number:
    """A single number with micrograd's names."""

    def __init__(self, data, children=(), op=""):
        self.data, self.grad = data, 0.0
        self._backward = lambda: None
        self._prev, self._op = set(children), op

    def __add__(self, other):
        other = other if isinstance(other, Number) else type(self)(other)
        out = type(self)(self.data + other.data, (self, other), "+")
        out._backward = lambda: self.add_back(other, out)
        return out

    def __mul__(self, other):
        other = other if isinstance(other, Number) else type(self)(other)
        out = type(self)(self.data * other.data, (self, other), "*")
        out._backward = lambda: self.mul_back(other, out)
        return out

    def __pow__(self, k):
        out = type(self)(self.data**k, (self,), f"**{k}")
        out._backward = lambda: self.pow_back(k, out)
        return out

    def __sub__(self, other):
        return self + other * -1.0

    def tanh(self):
        out = type(self)(math.tanh(self.data), (self,), "tanh")
        out._backward = lambda: self.tanh_back(out)
        return out

    def exp(self):
        out = type(self)(math.exp(self.data), (self,), "exp")
        out._backward = lambda: self.exp_back(out)
        return out

    def relu(self):
        out = type(self)(max(self.data, 0.0), (self,), "ReLU")
        out._backward = lambda: self.relu_back(out)
        return out

    def add_back(self, other, out):
        self.grad += out.grad
        other.grad += out.grad

    def mul_back(self, other, out):
        self.grad += other.data * out.grad
        other.grad += self.data * out.grad

    def pow_back(self, k, out):
        self.grad += k * self.data ** (k - 1) * out.grad

    def tanh_back(self, out):
        self.grad += (1 - out.data**2) * out.grad

    def exp_back(self, out):
        self.grad += out.data * out.grad

    def relu_back(self, out):
        self.grad += (out.data > 0) * out.grad

    def order(self):
        """Every number behind this one, each after all that it was computed from."""
        found, seen = [], set()

        def visit(node):
            if node not in seen:
                seen.add(node)
                for child in node._prev:
                    visit(child)
                found.append(node)

        visit(self)
        return found

    def backward(self):
        self.grad = 1.0
        for node in reversed(self.order()):
            node._backward()


class Matrix:
    """An array that broadcasts, without labels on its operations."""

    def __init__(self, data, children=()):
        self.data = np.array(data, float)
        self.grad = np.zeros_like(self.data)
        self._backward = lambda: None
        self._children = children

    def __add__(self, other):
        other = other if isinstance(other, Matrix) else type(self)(other)
        out = type(self)(self.data + other.data, (self, other))

        def back():
            self.grad += self.unbroadcast(out.grad, self.data.shape)
            other.grad += self.unbroadcast(out.grad, other.data.shape)

        out._backward = back
        return out

    def __mul__(self, other):
        other = other if isinstance(other, Matrix) else type(self)(other)
        out = type(self)(self.data * other.data, (self, other))

        def back():
            self.grad += self.unbroadcast(out.grad * other.data, self.data.shape)
            other.grad += self.unbroadcast(out.grad * self.data, other.data.shape)

        out._backward = back
        return out

    def __matmul__(self, other):
        out = type(self)(self.data @ other.data, (self, other))
        out._backward = lambda: self.matmul_back(other, out)
        return out

    def matmul_back(self, other, out):
        self.grad += out.grad @ other.data.T
        other.grad += self.data.T @ out.grad

    def sum(self):
        out = type(self)(self.data.sum(), (self,))
        out._backward = lambda: self.sum_back(out)
        return out

    def sum_back(self, out):
        self.grad += np.ones_like(self.data) * out.grad

    def tanh(self):
        out = type(self)(np.tanh(self.data), (self,))
        out._backward = lambda: self.tanh_back(out)
        return out

    def tanh_back(self, out):
        self.grad += (1 - out.data**2) * out.grad

    @staticmethod
    def unbroadcast(g, shape):
        while g.ndim > len(shape):
            g = g.sum(0)
        for axis, n in enumerate(shape):
            if n == 1:
                g = g.sum(axis, keepdims=True)
        return g

    def backward(self):
        found, seen = [], set()

        def visit(node):
            if id(node) not in seen:
                seen.add(id(node))
                for child in node._children:
                    visit(child)
                found.append(node)

        visit(self)
        self.grad = np.ones_like(self.data)
        for node in reversed(found):
            node._backward()


def broken(engine, **methods):
    """The engine with other methods."""
    return type(engine.__name__, (engine,), methods)
