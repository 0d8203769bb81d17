"""The generator of a GAN: its gradient comes back through the discriminator."""

from __future__ import annotations

from tinygrad_edu import draw, manual_seed, nn, ones, randn

manual_seed(0)
generator = nn.Sequential(nn.Linear(2, 3), nn.Tanh())
discriminator = nn.Linear(3, 1)
score = discriminator(generator(randn(4, 2)))
loss = nn.BCEWithLogitsLoss()(score, ones(4, 1))
loss.backward()
draw(loss, model=nn.Sequential(generator, discriminator)).save("gan.svg")
